"""What the brand sells: products with category, series, colour, tags and price.

Promises: a product has one code; saving the same list again changes nothing; lists are stable while rows are added; a
product taken off sale keeps its place in old orders.
"""

from app.trade.products.operations import save_products as save_products
from app.trade.products.queries import Product as Product
from app.trade.products.queries import ProductFilter as ProductFilter
from app.trade.products.queries import find_products_by_codes as find_products_by_codes
from app.trade.products.queries import get_product as get_product
from app.trade.products.queries import list_products as list_products
from app.trade.products.refusals import ProductInvalid as ProductInvalid
from app.trade.products.refusals import ProductNotFound as ProductNotFound
from app.trade.products.rules import ProductDraft as ProductDraft
