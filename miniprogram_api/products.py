"""What the brand sells, to look at; guests too (C01)."""

from typing import Any

import marshmallow as ma

from app.kernel.paging import CursorInvalid, Page
from app.trade import products
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("products", prefix="/mp/v1/products", guard=consumer, about="商品")


class ProductsQuery(fields.PageQuery):
    category = fields.Text(longest=200, load_default=None, metadata={"description": "品类", "example": "口红"})
    series = fields.Text(longest=200, load_default=None, metadata={"description": "系列", "example": "丝绒"})
    colour = fields.Text(longest=200, load_default=None, metadata={"description": "色系", "example": "正红"})
    tag = fields.Text(longest=200, load_default=None, metadata={"description": "标签", "example": "新品"})
    words = fields.Text(
        longest=100, load_default=None, metadata={"description": "名称或编码中的文字", "example": "口红"}
    )


class ProductView(fields.Schema):
    id = fields.Sealed("product", metadata={"example": "abcdefghijklmnopqrstuvwxyz"})
    code = fields.Text(metadata={"example": "LIP-001"})
    name = fields.Text(metadata={"example": "丝绒口红"})
    category = fields.Text(blank=True, metadata={"example": "口红"})
    series = fields.Text(blank=True, metadata={"example": "丝绒"})
    colour = fields.Text(blank=True, metadata={"example": "正红"})
    tags = ma.fields.List(fields.Text(), metadata={"example": ["新品"]})
    price_fen = fields.Whole(metadata={"description": "价格，分", "example": 19900})
    currency = ma.fields.Constant("CNY", metadata={"example": "CNY"})
    image_url = fields.Text(blank=True, metadata={"example": ""})
    on_sale = ma.fields.Boolean(metadata={"example": True})


class ProductsView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(ProductView))
    next_cursor = fields.Text(allow_none=True, metadata={"description": "没有更多时为空", "example": None})


@door.reads("", gives=ProductsView, query=ProductsQuery, refuses=[CursorInvalid])
def list_products(caller: Consumer, query: dict[str, Any]) -> Page[products.Product]:
    """See what is on sale, narrowed by category, series, colour, tag or words."""
    cursor, limit = query.pop("cursor"), query.pop("limit")
    return products.list_products(products.ProductFilter(**query), cursor=cursor, limit=limit)


@door.reads("/<sealed(product):product_id>", gives=ProductView, refuses=[products.ProductNotFound])
def see_product(caller: Consumer, product_id: int) -> products.Product:
    """See one product, also one that is no longer on sale."""
    return products.get_product(product_id)
