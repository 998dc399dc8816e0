"""Small marks whose shape says what their colour says: met or not, up or down."""

from __future__ import annotations

from base64 import b64encode

_SHAPES = {
    "met": '<circle cx="8" cy="8" r="7"/><path d="M4.6 8.3l2.3 2.3 4.5-4.9"/>',
    "missed": '<path d="M8 1.4 15 14.2H1z"/><path d="M8 6.2v3.6M8 11.9v.3"/>',
    "up": '<path d="M8 3.5 13.5 12h-11z" fill="black"/>',
    "down": '<path d="M8 12.5 2.5 4h11z" fill="black"/>',
    "flat": '<path d="M2.5 8h11"/>',
}


def mark(name: str) -> str:
    """A mark in the colour of its text; the words beside it carry the meaning."""
    return f'<span class="mc-mark mc-mark-{name}" aria-hidden="true"></span>'


def marks_css() -> str:
    """Style rules that give every mark its shape, as masks: the page admits no inline SVG."""
    return "".join(
        f'.mc-mark-{name}{{--shape:url("{svg_address(_wrap(shape))}")}}'
        for name, shape in _SHAPES.items()
    )


def svg_address(svg: str) -> str:
    """An SVG document as a data address."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _wrap(shape: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="black"'
        f' stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round">{shape}</svg>'
    )
