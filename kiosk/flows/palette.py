"""The colours of the product, one brand colour first: the touchscreen draws with them, `GET /kiosk` tells them to other
clients. Contrast on white or on the brand colour is at least 4.5 for text (brand 8.9, muted 7.4)."""

from __future__ import annotations

PALETTE: dict[str, str] = {
    "brand": "#0B4F6C",
    "brand_deep": "#083B51",  # pressed
    "brand_soft": "#1A6282",  # decoration on the brand colour
    "brand_tint": "#E2EEF3",  # calm surfaces
    "on_brand": "#FFFFFF",
    "on_brand_muted": "#CFE2EA",
    "ink": "#14212B",
    "muted": "#4A5B66",
    "page": "#F2F5F7",
    "card": "#FFFFFF",
    "border": "#8796A1",
    "hair": "#D5DDE2",  # a rule inside a card: decoration
    "good": "#1B6B3A",
    "good_tint": "#E5F3EA",
    "warn_tint": "#FFF3D6",
    "warn_edge": "#9A6B00",
    "alarm": "#A3221B",
}
