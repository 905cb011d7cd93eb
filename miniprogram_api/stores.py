"""The store finder."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.kernel.paging import CursorInvalid, Page
from app.people import stores
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("stores", prefix="/mp/v1/stores", guard=consumer, about="门店")


class StoresQuery(fields.PageQuery):
    latitude = ma.fields.Float(
        validate=ma.validate.Range(-90, 90), metadata={"description": "GCJ-02", "example": 31.2304}
    )
    longitude = ma.fields.Float(
        validate=ma.validate.Range(-180, 180), metadata={"description": "GCJ-02", "example": 121.4737}
    )
    service = fields.Text(
        longest=40, load_default="", metadata={"description": "only stores that offer it", "example": "整妆"}
    )

    @ma.validates_schema
    def _both_or_none(self, data: dict[str, Any], **_: Any) -> None:
        if ("latitude" in data) != ("longitude" in data):
            raise ma.ValidationError("经度和纬度要一起给", "longitude" if "latitude" in data else "latitude")


class StoreView(fields.Schema):
    store_id = fields.Sealed("store")
    name = fields.Text(metadata={"example": "南京西路店"})
    city = fields.Text(metadata={"example": "上海"})
    address = fields.Text(metadata={"example": "南京西路 1 号"})
    phone = fields.Text(allow_none=True)
    latitude = ma.fields.Float(metadata={"description": "GCJ-02"})
    longitude = ma.fields.Float(metadata={"description": "GCJ-02"})
    services = ma.fields.List(fields.Text())
    distance_m = fields.Whole(allow_none=True, metadata={"description": "metres; null without a position"})
    is_open = ma.fields.Method("open_now", metadata={"type": "boolean", "description": "open at this moment"})

    def open_now(self, store: stores.StoreView) -> bool:
        """Open at this moment?"""
        return stores.is_open(store, clock.now())


class StoreDetailView(StoreView):
    hours = ma.fields.Dict(
        metadata={"description": "weekday 1 (Monday) to 7 → open periods", "example": {"1": [["10:00", "21:00"]]}}
    )
    special_days = ma.fields.Dict(metadata={"description": "date → open periods, none on a day off", "example": {}})
    zone = fields.Text(metadata={"example": "Asia/Shanghai"})


class StorePage(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(StoreView))
    next_cursor = fields.Text(allow_none=True)


@door.reads("", query=StoresQuery, gives=StorePage, refuses=[CursorInvalid])
def list_stores(caller: Consumer, query: dict[str, Any]) -> Page[stores.StoreView]:
    """Stores, nearest first; by code for whoever does not give a position. Guests see them too."""
    asked = {name: query[name] for name in ("service", "cursor", "limit")}
    if "latitude" not in query:
        return stores.list_stores(now=clock.now(), **asked)
    place = stores.Place(query["latitude"], query["longitude"])
    return stores.nearest(place=place, now=clock.now(), **asked)


@door.reads("/<sealed(store):store_id>", gives=StoreDetailView, refuses=[stores.StoreUnknown])
def get_store(caller: Consumer, store_id: int) -> stores.StoreView:
    """One store with its opening hours."""
    return stores.get_store(store_id)
