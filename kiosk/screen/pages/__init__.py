"""One module per kind of page: `build(kit, page, rect) -> widgets`, laid out inside `rect`."""
