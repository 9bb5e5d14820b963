"""A dealer's inventory of twelve rows, with pictures drawn here, for the demo and for whoever wants to look around."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

__all__ = ["ROWS", "SampleRow", "draw_pictures", "sheet_rows"]

HEAVY_TRUCKS = "Cars & Vehicles > Heavy Equipment > Heavy Trucks"
HEAVY_EQUIPMENT = "Cars & Vehicles > Heavy Equipment > Heavy Equipment"
TOOLS = "Buy & Sell > Tools > Power Tools"


@dataclass(frozen=True)
class SampleRow:
    """A row of the sample, and whether Post New should post it."""

    sku: str | int
    title: str
    description: str
    price: object
    category: str
    photos: tuple[str, ...]
    status: str
    posted: bool
    """Should the run post this row?"""
    more: dict[str, object] = field(default_factory=dict)


def _truck(text: str) -> str:
    return (
        f"{text}\n\nStock {{SKU}}. Serviced in our own shop, safety certified, ready for work.\n"
        "Viewing by appointment, Monday to Friday. Financing available."
    )


ROWS: tuple[SampleRow, ...] = (
    SampleRow(
        "BT001",
        "2016 Freightliner M2 bucket truck, Altec 55 ft",
        _truck("Altec AA55 articulating boom with material handler, 55 ft working height, Cummins ISB 6.7, Allison."),
        64900,
        HEAVY_TRUCKS,
        ("bt001-front.jpg", "bt001-side.jpg", "bt001-boom.jpg"),
        "",
        True,
        {"year": 2016, "kilometers": 142300, "tags": "bucket truck, altec, utility", "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "BT002",
        "Camion nacelle Ford F-550 à bras télescopique, idéal Québec",
        _truck(
            "Nacelle Versalift isolée, 12,5 m. Moteur diesel révisé, pneus d'hiver neufs, très propre à l'intérieur."
        ),
        48500.5,
        HEAVY_TRUCKS,
        ("bt002-côté.jpg",),
        "pending",
        True,
        {"year": 2014, "kilometers": 187650, "tags": "nacelle, Ford, Versalift", "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "BT003",
        "2012 International 4300 bucket truck, Terex 60 ft",
        _truck("Terex Hi-Ranger, over-centre boom, 60 ft."),
        39900,
        HEAVY_TRUCKS,
        ("bt003-front.jpg",),
        "Posted 2026-11-02",
        False,
        {"year": 2012, "kilometers": 221000, "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "BT004",
        "2018 Ram 5500 4x4 bucket truck, Dur-A-Lift 42 ft",
        _truck("Dur-A-Lift DTAX42, four-wheel drive, one owner, all service records since new."),
        71250,
        HEAVY_TRUCKS,
        ("bt004-front.jpg", "bt004-side.jpg"),
        "Error: System error",
        True,
        {"year": 2018, "kilometers": 96400, "tags": "4x4, bucket truck", "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "BT005",
        "2019 Isuzu NRR bucket truck, clean, 40 ft",
        _truck("Small enough for the city 🚚, tall enough for the job ⚡. Versalift VST-40, pre-emission tidy cab."),
        58000,
        HEAVY_TRUCKS,
        ("bt005-front.jpg", "bt005-side.jpg"),
        "",
        True,
        {"year": 2019, "kilometers": 88120, "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "BT006",
        "2015 Kenworth T270 bucket truck, Altec 50 ft",
        _truck("Altec AM50, single axle, air brakes."),
        "abc",
        HEAVY_TRUCKS,
        ("bt006-front.jpg",),
        "",
        False,
        {"year": 2015, "kilometers": 160000, "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "BT007",
        "2017 Hino 268 bucket truck, Terex 45 ft",
        _truck("Terex LT45, low hours on the boom."),
        52750,
        HEAVY_TRUCKS,
        ("bt007-frnt.jpg",),
        "pending",
        False,
        {"year": 2017, "kilometers": 131400, "for_sale_by": "Dealer"},
    ),
    SampleRow(
        1008,
        "Altec DM47 digger derrick, 2011, price on request",
        _truck("Digger derrick with pole guides and auger, inspected this fall."),
        None,
        HEAVY_EQUIPMENT,
        ("1008-derrick.jpg",),
        "",
        True,
        {"year": 2011, "price_type": "Please contact", "tags": "derrick; altec; digger", "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "BT009",
        "2013 Freightliner M2 bucket truck, sold as is",
        _truck("Runs and lifts, body needs work. Sold as is."),
        19995,
        HEAVY_TRUCKS,
        ("bt009-front.jpg",),
        "Posted 2026-10-19",
        False,
        {"year": 2013, "kilometers": 298000, "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "CH010",
        "Vermeer BC1000XL wood chipper, 2015, 1,180 hours",
        _truck("Twelve-inch capacity, new knives, torsion axle. Pulls straight, starts first time."),
        23900,
        HEAVY_EQUIPMENT,
        ("ch010-1.jpg", "ch010-2.jpg", "ch010-3.jpg", "ch010-4.png"),
        "Error: the browser was closed",
        True,
        {"year": 2015, "tags": "chipper, vermeer, arborist", "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "TL011",
        "Hydraulic pole saw for bucket trucks, Greenlee",
        "Greenlee hydraulic long-reach saw with 2 m hose.\nStock {SKU}. Leaves with a fresh chain & bar.",
        450,
        TOOLS,
        ("tl011.jpg",),
        "",
        True,
        {"condition": "Used - Good", "tags": "pole saw", "for_sale_by": "Dealer"},
    ),
    SampleRow(
        "TL012",
        "Lineman hand tools, free to an apprentice",
        "A box of lineman hand tools, worn but usable. Free to an apprentice who'll use them.\nStock {SKU}.",
        None,
        TOOLS,
        ("tl012.jpg",),
        "pending",
        True,
        {"condition": "Used - Fair", "price_type": "Free", "for_sale_by": "Dealer"},
    ),
)

LOCATION = "H2X 1Y4"
MISSING = frozenset({"bt007-frnt.jpg"})
"""Named in a row on purpose, and not there."""


def sheet_rows() -> Iterator[dict[str, object]]:
    """The rows as `build_workbook` takes them: column name → cell value."""
    for row in ROWS:
        yield {
            "sku": row.sku,
            "title": row.title,
            "description": row.description,
            "price": row.price,
            "category": row.category,
            "photos": "; ".join(row.photos),
            "location": LOCATION,
            "posting_status": row.status,
            **row.more,
        }


def draw_pictures(folder: Path) -> None:
    """Draw each row's photos into `folder`, 1000 x 750 pixels, the same each time."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in ROWS:
        for number, name in enumerate(row.photos):
            if name not in MISSING:
                _picture(str(row.sku), number, row.title).save(folder / name, quality=88)


def _picture(sku: str, number: int, title: str) -> Image.Image:
    chance = random.Random(f"{sku}/{number}")  # noqa: S311 — colours of a drawing
    width, height = 1000, 750
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for y in range(height):
        share = y / height
        draw.line([(0, y), (width, y)], fill=(int(150 + 80 * share), int(190 + 45 * share), 235))
    draw.rectangle((0, 560, width, height), fill=(120, 125, 120))
    for x in range(-60, width, 160):
        draw.rectangle((x, 650, x + 90, 660), fill=(225, 225, 215))
    body = chance.choice([(214, 68, 48), (242, 174, 36), (245, 245, 240), (52, 104, 168), (70, 140, 80)])
    left = 150 + 40 * number
    if sku.startswith("TL"):
        _draw_tool_box(draw, left, body)
    else:
        _draw_truck(draw, left, body, reach=chance.randint(60, 230))
    font, small = ImageFont.load_default(44), ImageFont.load_default(24)
    draw.rectangle((0, 0, width, 96), fill=(28, 40, 56))
    draw.text((24, 12), f"{sku}  ·  photo {number + 1}", font=font, fill="white")
    draw.text((26, 62), title[:64], font=small, fill=(200, 212, 226))
    return image


def _draw_tool_box(draw: ImageDraw.ImageDraw, left: int, body: tuple[int, int, int]) -> None:
    dark, steel = (40, 44, 50), (176, 184, 192)
    for handle in (left + 90, left + 200, left + 420):
        draw.rectangle((handle, 250, handle + 26, 430), fill=(150, 100, 50), outline=dark, width=3)
        draw.rectangle((handle - 22, 216, handle + 48, 262), fill=steel, outline=dark, width=3)
    draw.rectangle((left, 400, left + 560, 600), fill=body, outline=dark, width=5)
    draw.rectangle((left, 400, left + 560, 446), fill=dark)
    draw.rectangle((left + 240, 452, left + 320, 486), fill=steel, outline=dark, width=3)


def _draw_truck(draw: ImageDraw.ImageDraw, left: int, body: tuple[int, int, int], reach: int) -> None:
    dark = (40, 44, 50)
    draw.rectangle((left, 410, left + 400, 560), fill=body, outline=dark, width=4)
    draw.polygon(
        [(left + 410, 560), (left + 410, 340), (left + 530, 340), (left + 590, 440), (left + 610, 560)],
        fill=body,
        outline=dark,
        width=4,
    )
    draw.polygon([(left + 440, 365), (left + 522, 365), (left + 568, 440), (left + 440, 440)], fill=(196, 224, 240))
    for wheel in (left + 90, left + 300, left + 510):
        draw.ellipse((wheel - 55, 510, wheel + 55, 620), fill=dark)
        draw.ellipse((wheel - 24, 541, wheel + 24, 589), fill=(190, 194, 198))
    pivot, elbow = (left + 120, 410), (left + 330, 300 - reach // 3)
    bucket = (left + 330 + reach, 200 - reach // 4)
    draw.line([pivot, elbow], fill=(250, 250, 250), width=22)
    draw.line([elbow, bucket], fill=(235, 235, 230), width=16)
    draw.rectangle((bucket[0] - 10, bucket[1] - 10, bucket[0] + 60, bucket[1] + 60), fill=(245, 245, 245), outline=dark)
