"""Boxes, arrows and words as SVG that is read in light and in dark, and aloud."""

from html import escape

STYLE = """
  .ground { fill: #ffffff } .word, .small, .strong { fill: #1f2328; font-family: system-ui, sans-serif }
  .word { font-size: 15px } .strong { font-size: 15px; font-weight: 600 } .small { font-size: 13px; fill: #59636e }
  .box { fill: #f6f8fa; stroke: #818b98 } .area { fill: none; stroke: #818b98; stroke-dasharray: 5 4 }
  .mark { fill: #ddf4ff; stroke: #0969da } .held { fill: #fff8c5; stroke: #9a6700 }
  .line { fill: none; stroke: #59636e; stroke-width: 1.5 } .head { fill: #59636e }
  .open { fill: #eaf1f7 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .word, .strong { fill: #f0f6fc } .small { fill: #9198a1 }
    .box { fill: #151b23; stroke: #656c76 } .area { stroke: #656c76 }
    .mark { fill: #0c2d6b; stroke: #4493f8 } .held { fill: #3b2e00; stroke: #d29922 }
    .line { stroke: #9198a1 } .head { fill: #9198a1 } .open { fill: #1c2735 }
  }
"""
WIDTH = 900


def picture(title, described, height, *parts):
    """Return a whole picture; `described` says in words what it shows."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="title described">\n'
        f'<title id="title">{escape(title)}</title>\n<desc id="described">{escape(described)}</desc>\n'
        f"<style>{STYLE}</style>\n"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>\n'
        f'<rect class="ground" width="{WIDTH}" height="{height}" rx="8"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def box(x, y, width, height, *lines, kind="box"):
    """Return a box with lines in its middle, the first of them strong."""
    top = y + height / 2 - 9.5 * (len(lines) - 1) + 5
    texts = (
        words(x + width / 2, top + 19 * n, line, kind="small" if n else "strong", anchor="middle")
        for n, line in enumerate(lines)
    )
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>' + "".join(texts)


def words(x, y, text, kind="word", anchor="start"):
    """Return a line of text."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def area(x, y, width, height, text):
    """Return a dashed frame with its name."""
    return f'<rect class="area" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>' + words(
        x + 12, y + 22, text, kind="strong"
    )


def arrow(*points):
    """Return an arrow along points."""
    path = " ".join(f"{x} {y}" for x, y in points)
    return f'<path class="line" d="M{path}" marker-end="url(#tip)"/>'


def line(*points):
    """Return a line along points."""
    return f'<path class="line" d="M{" ".join(f"{x} {y}" for x, y in points)}"/>'


def dot(x, y, kind="mark"):
    """Return something that happened."""
    return f'<circle class="{kind}" cx="{x}" cy="{y}" r="6"/>'


def band(x, y, width, height):
    """Return a stretch of a time line in which people read."""
    return f'<rect class="open" x="{x}" y="{y}" width="{width}" height="{height}"/>'
