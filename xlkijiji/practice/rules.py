"""The rules an ad must meet, checked on the server for every submitted form (kijiji-site facts).

The browser side helps a person to keep them, but a poster that goes around it meets them here again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from werkzeug.datastructures import MultiDict

from xlkijiji.practice import reference
from xlkijiji.practice.reference import Attribute, Category
from xlkijiji.practice.store import Ad, AdFields, Photo
from xlkijiji.practice.words import is_french, say, say_amount, say_number

TITLE_LENGTH = (8, 64)
DESCRIPTION_LENGTH = (10, 10_000)
MAX_TAGS = 5
MAX_PHOTOS = 10
MAX_PRICE = Decimal("99999999.99")
FIRST_YEAR = 1900
PRICE_TYPES = {"FIXED": "Price", "GIVE_AWAY": "Free", "CONTACT": "Please Contact", "SWAP_TRADE": "Swap / Trade"}
AD_TYPES = {"OFFER": "I'm offering", "WANTED": "I want"}
BLOCKED = "There was an issue posting your ad, please contact Customer Service."
_VIDEO = re.compile(
    r"https?://(www\.|m\.)?(youtu\.be/|youtube(-nocookie)?\.com/(watch\?(\S*&)?v=|(embed|live|shorts|v)/))[\w-]{11}([/?&#]\S*)?",
    re.ASCII,
)
"""This site's own rule: of the real field only the name is known (docs/site.md, sure C)."""
ATTRIBUTE_NAME = "postAdForm.attributeMap[{}]"


@dataclass(frozen=True, slots=True)
class PaidExtra:
    """Something beside the ad that costs money; `cents` is this site's own price, the real ones are not known."""

    id: str
    name: str
    label: str
    cents: int


FEATURES = (
    PaidExtra("TopAdInPromoteMyAds", "featuresForm.topAd", "Top Ad, 7 days", 1299),
    PaidExtra("HighlightInPromoteMyAds", "featuresForm.highlight", "Highlight Ad, 7 days", 499),
    PaidExtra("UrgentInPromoteMyAds", "featuresForm.urgent", "Urgent Ad, 7 days", 999),
)
PACKAGES = (
    PaidExtra("package-0", "featuresForm.package", "Basic", 0),
    PaidExtra("package-1", "featuresForm.package", "Plus", 1995),
    PaidExtra("package-2", "featuresForm.package", "Premium", 4995),
)


@dataclass(slots=True)
class Draft:
    """A details form as filled in so far: what is shown again when something is wrong.

    `values` are the texts as typed, by field name; `errors` are sentences by the id of the field they belong to;
    `fee_cents` is what the ad itself costs, and `refusal` why this account may not post at all.
    """

    category: Category
    values: MultiDict[str, str]
    photos: Sequence[Photo] = ()
    errors: dict[str, str] = field(default_factory=dict)
    era: int = 3
    fee_cents: int = 0
    refusal: str = ""

    def text(self, name: str) -> str:
        """What was typed into a field, without blanks around it; empty when it was not sent."""
        return (self.values.get(name) or "").replace("\r\n", "\n").strip()

    def attribute(self, name: str) -> list[str]:
        """The values sent for an attribute, without the empty ones."""
        sent = self.values.getlist(ATTRIBUTE_NAME.format(name))
        return [value.strip() for value in sent if value.strip()]

    def choices(self, attribute: Attribute) -> Sequence[tuple[str, str]]:
        """What a list offers as the form stands: of a list that depends on another one, what that one leaves."""
        if attribute.name not in reference.DEPENDS_ON:
            return attribute.choices
        chosen = self.attribute(reference.DEPENDS_ON[attribute.name])
        return reference.models(attribute.name, chosen[0] if chosen else "")

    @property
    def place(self) -> str:
        """The location in words; in era 2 that of the postal code."""
        if self.era != 2:
            return self.text("location")
        return next((place.label for place in reference.find_places(self.text("postAdForm.postalCode"))), "")

    @property
    def tags(self) -> list[str]:
        """The tags, in the order they were added, each once."""
        sent = [tag.strip() for value in self.values.getlist("postAdForm.tags") for tag in value.split(",")]
        return list(dict.fromkeys(tag for tag in sent if tag))

    @property
    def extras(self) -> list[PaidExtra]:
        """The features that were ticked and the package that was chosen."""
        ticked = [feature for feature in FEATURES if self.text(feature.name)]
        chosen = self.text("featuresForm.package")
        return ticked + [package for package in PACKAGES if self.category.has_packages and package.id == chosen]

    @property
    def total_cents(self) -> int:
        """What this ad would cost."""
        return self.fee_cents + sum(extra.cents for extra in self.extras)


def new_draft(category: Category, *, title: str = "", location_id: int | None = None, location: str = "") -> Draft:
    """An untouched form, with what is pre-filled on the site."""
    values: MultiDict[str, str] = MultiDict({"postAdForm.adType": "OFFER", "postAdForm.title": title})
    if category.has_price:
        values["postAdForm.priceType"] = "FIXED"
    if location_id is not None:
        values["locationId"] = str(location_id)
        values["location"] = location or reference.places()[location_id].label
    return Draft(category, values)


def draft_of_ad(ad: Ad, *, era: int = 3) -> Draft:
    """The form of an ad that is to be edited, holding what the ad says now."""
    fields = ad.fields
    category = reference.categories()[fields.category_id]
    draft = new_draft(category, title=fields.title, location_id=fields.location_id, location=fields.location)
    values = draft.values
    values["postAdForm.adType"] = fields.ad_type
    values["postAdForm.description"] = fields.description
    values["postAdForm.phoneNumber"] = fields.phone
    values["postAdForm.youtubeVideoURL"] = fields.video
    values["postAdForm.tags"] = ",".join(fields.tags)
    values["postAdForm.postalCode"] = fields.location.partition(",")[0]  # era 2 has nothing else there
    values["postAdForm.confirmedTerms"] = "true"
    values["featuresForm.package"] = PACKAGES[0].id
    if fields.price_type:
        values["postAdForm.priceType"] = fields.price_type
    if fields.price_cents is not None:
        values["postAdForm.priceAmount"] = say_amount(fields.price_cents)
    for name, value in fields.attributes.items():
        values.setlist(ATTRIBUTE_NAME.format(name), value if isinstance(value, list) else [value])
    draft.photos, draft.era = ad.photos, era
    return draft


def check(draft: Draft) -> AdFields | None:
    """Check a submitted form. Returns what to publish, or None after filling `draft.errors`."""
    errors = draft.errors
    _check_texts(draft)
    cents = _check_price(draft)
    attributes = {attribute.name: _check_attribute(draft, attribute) for attribute in draft.category.attributes}
    location_id = _check_location(draft)
    _check_photos(draft)
    if len(draft.tags) > MAX_TAGS:
        errors["pstad-tagsInput"] = say("An ad can have at most {most} tags.", most=MAX_TAGS)
    if draft.category.has_packages and draft.text("featuresForm.package") not in {package.id for package in PACKAGES}:
        errors["package"] = say("Please select a package.")
    if draft.category.has_terms and draft.text("postAdForm.confirmedTerms") != "true":
        errors["PostAdConfirmationOfTerms"] = say("Please confirm the terms to post in this category.")
    if errors or location_id is None:
        return None
    return AdFields(
        title=draft.text("postAdForm.title"),
        description=draft.text("postAdForm.description"),
        price_cents=cents,
        price_type=draft.text("postAdForm.priceType") if draft.category.has_price else None,
        ad_type=draft.text("postAdForm.adType"),
        category_id=draft.category.id,
        attributes={name: value for name, value in attributes.items() if value},
        tags=draft.tags,
        location_id=location_id,
        location=draft.place,
        phone=draft.text("postAdForm.phoneNumber"),
        video=draft.text("postAdForm.youtubeVideoURL"),
        features=[extra.id for extra in draft.extras],
        total_cents=draft.total_cents,
        photo_ids=[photo.id for photo in draft.photos],
    )


def _check_texts(draft: Draft) -> None:
    errors = draft.errors
    if draft.text("postAdForm.adType") not in AD_TYPES:
        errors["adType1"] = say("Please say whether you are offering or want something.")
    for name, field_id, what, (shortest, longest) in (
        ("postAdForm.title", "postad-title", "title", TITLE_LENGTH),
        ("postAdForm.description", "pstad-descrptn", "description", DESCRIPTION_LENGTH),
    ):
        length = len(draft.text(name))
        if length < shortest:
            errors[field_id] = say(f"Please enter a {what} of at least {{shortest}} characters.", shortest=shortest)
        elif length > longest:
            errors[field_id] = say(
                f"The {what} can have at most {{longest}} characters; this one has {{length}}.",
                longest=say_number(longest),
                length=say_number(length),
            )
    phone = draft.text("postAdForm.phoneNumber")
    if phone and not _is_phone(phone):
        errors["PhoneNumber"] = say("Please enter a phone number of 10 to 15 digits, such as 416-555-0123.")
    video = draft.text("postAdForm.youtubeVideoURL")
    if video and not _VIDEO.fullmatch(video):
        errors["YoutubeVideoURL"] = say("Please enter the address of a YouTube video, such as https://youtu.be/…")


def _check_price(draft: Draft) -> int | None:
    """The price in cents; None where the price type has none, or after noting what is wrong."""
    if not draft.category.has_price:
        return None
    if draft.text("postAdForm.priceType") not in PRICE_TYPES:
        draft.errors["priceType1"] = say("Please choose a type of price.")
        return None
    if draft.text("postAdForm.priceType") != "FIXED":
        return None
    amount = draft.text("postAdForm.priceAmount")
    if is_french():
        amount = amount.replace(",", ".")
    # Eight digits before the point and two after it: up to 99999999.99.
    if not re.fullmatch(r"\d{1,8}(\.\d{1,2})?", amount, re.ASCII) or not 0 < Decimal(amount) <= MAX_PRICE:
        draft.errors["PriceAmount"] = say(
            "Please enter a price in dollars from 0.01 to {most}, such as 1250.00.", most=MAX_PRICE
        )
        return None
    return int(Decimal(amount) * 100)


def _is_phone(text: str) -> bool:
    # North America has 10 digits, E.164 allows 15; the real field's own rule is not known
    return re.fullmatch(r"[\d\s().+-]{10,20}", text, re.ASCII) is not None and 10 <= len(re.findall(r"\d", text)) <= 15


def _is_whole_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,9}", text, re.ASCII) is not None


def _is_model_year(text: str) -> bool:
    return re.fullmatch(r"\d{4}", text, re.ASCII) is not None and FIRST_YEAR <= int(text) <= _last_year()


def _last_year() -> int:
    """Models of the next year are sold in this one, and a few of the year after."""
    return datetime.now().astimezone().year + 2


def _is_vin(text: str) -> bool:
    # ISO 3779: 17 characters without I, O and Q; older vehicles have shorter numbers, which the site's field refuses.
    return re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", text.upper()) is not None


def _is_web_address(text: str) -> bool:
    return re.fullmatch(r"https?://[^\s/?#]+\.[^\s/?#]+([/?#]\S*)?", text, re.IGNORECASE) is not None


def _input_problem(attribute: Attribute, text: str) -> str | None:
    tests: dict[str, tuple[Callable[[str], bool], str]] = {
        "caryear_i": (
            _is_model_year,
            say("Please enter a year of four digits, from {first} to {last}.", first=FIRST_YEAR, last=_last_year()),
        ),
        "vin_s": (_is_vin, say("Please enter a VIN of 17 letters and digits.")),
        "carprooflink_s": (_is_web_address, say("Please enter the report's web address, such as https://…")),
    }
    whole = (
        _is_whole_number,
        say("Please enter a whole number for {field}, without commas.", field=say(attribute.label)),
    )
    test = tests.get(attribute.name) or (whole if attribute.name.endswith("_i") else None)
    if test and not test[0](text):
        return test[1]
    return say("{field} can have at most 500 characters.", field=say(attribute.label)) if len(text) > 500 else None


def _check_attribute(draft: Draft, attribute: Attribute) -> str | list[str]:
    sent = draft.attribute(attribute.name)
    if not sent:
        if attribute.name in draft.category.required:
            sentence = "Please enter: {field}." if attribute.control == "input" else "Please select: {field}."
            draft.errors[attribute.name] = say(sentence, field=say(attribute.label))
        return ""
    if attribute.control == "checkbox":
        if not attribute.values.issuperset(sent):
            draft.errors[attribute.name] = say("Please select from the choices of {field}.", field=say(attribute.label))
        return list(dict.fromkeys(sent))
    if attribute.control == "input":
        problem = _input_problem(attribute, sent[0])
        if problem:
            draft.errors[attribute.name] = problem
    elif sent[0] not in {value for value, _ in draft.choices(attribute)}:
        draft.errors[attribute.name] = say("Please select one of the choices of {field}.", field=say(attribute.label))
    return sent[0]


def _check_location(draft: Draft) -> int | None:
    """The chosen location; None after noting that none was *chosen*: typed text alone does not count."""
    if draft.era == 2:
        code = draft.text("postAdForm.postalCode")
        found = reference.find_places(code) if re.fullmatch(r"[A-Z]\d[A-Z] \d[A-Z]\d", code, re.ASCII) else []
        if not found:
            draft.errors["PostalCode"] = say("Please enter a valid postal code, such as A1A 1A1.")
            return None
        return found[0].location_id
    sent = draft.text("locationId")
    location = reference.places().get(int(sent)) if _is_whole_number(sent) else None
    if location is None:
        draft.errors["location"] = say(
            "Your location is needed: type a postal code or a street, then choose a suggestion."
        )
        return None
    if not 0 < len(draft.text("location")) <= 200:
        draft.errors["location"] = say("Please choose your location from the suggestions.")
    return location.id


def _check_photos(draft: Draft) -> None:
    if not draft.photos:
        draft.errors["FileUploadInput"] = say("Please add at least one photo.")
    elif len(draft.photos) > MAX_PHOTOS:
        draft.errors["FileUploadInput"] = say("An ad can have at most {most} photos.", most=MAX_PHOTOS)


def posted_photo_ids(values: Mapping[str, str]) -> list[str]:
    """The ids in a submitted form's `images`, which holds photo URLs separated by commas, in order."""
    found = re.findall(r"/photos/([0-9a-f]{32})/", values.get("images", ""))
    return list(dict.fromkeys(found))
