"""Products pushed by the brand's ERP."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.trade import products
from app.web import fields
from app.web.endpoint import Door
from app.web.signatures import Machine, SignatureReplayed, machine

door = Door("products-push", prefix="/open/v1/products", guard=machine, about="商品")


class ProductTold(fields.Schema):
    code = fields.Text(longest=64, required=True, metadata={"example": "LIP-001"})
    name = fields.Text(longest=200, required=True, metadata={"example": "丝绒口红"})
    category = fields.Text(longest=200, blank=True, load_default="", metadata={"example": "口红"})
    series = fields.Text(longest=200, blank=True, load_default="", metadata={"example": "丝绒"})
    colour = fields.Text(longest=200, blank=True, load_default="", metadata={"example": "正红"})
    tags = ma.fields.List(fields.Text(longest=200), load_default=list, metadata={"example": ["新品"]})
    price_fen = fields.Whole(most=10**11, load_default=0, metadata={"example": 19900})
    image_url = fields.Text(longest=1000, blank=True, load_default="", metadata={"example": ""})
    on_sale = ma.fields.Boolean(load_default=True, metadata={"example": True})


class ProductsRequest(fields.Schema):
    products = ma.fields.List(ma.fields.Nested(ProductTold), required=True, validate=ma.validate.Length(min=1, max=500))


class SavedView(fields.Schema):
    changed = fields.Whole(metadata={"description": "added or changed", "example": 1})


@door.writes("", takes=ProductsRequest, gives=SavedView, refuses=[products.ProductInvalid, SignatureReplayed])
def push_products(caller: Machine, body: dict[str, Any]) -> dict[str, int]:
    """Add or change up to 500 products by code, all of them or none."""
    drafts = [products.ProductDraft(**item | {"tags": tuple(item["tags"])}) for item in body["products"]]
    return {"changed": products.save_products(drafts, now=clock.now())}
