"""Which row of a file is which row of a frame, when the file may have been edited since it was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from xlkijiji.errors import UnmatchedRows

__all__ = ["match_rows"]

NAMED = 5
"""How many skus a sentence names: the person needs to see which rows are meant, not to read them all."""


def match_rows(
    ours: Sequence[str],
    theirs: Sequence[str],
    wanted: Iterable[int],
    name: str,
    *,
    same_file: bool,
) -> dict[int, int]:
    """For each position among `wanted` in our rows (from 0), the position of the same row among theirs.

    `ours` are the skus of the frame's rows, `theirs` those of the file called `name`; '' is a row without one.
    `same_file`: the file is as it was when the frame was read from it. Then rows are matched in order as long as the
    frame wasn't sorted or filtered, so that also rows without a sku, or with one that stands twice, are told apart.
    Otherwise only a sku that stands once in both says which row is which.

    Raises UnmatchedRows when a wanted row can't be told in the file.
    """
    wanted = sorted(wanted)
    if same_file and list(ours) == list(theirs):
        return {position: position for position in wanted}
    here, there = Counter(ours), Counter(theirs)
    place = {sku: at for at, sku in enumerate(theirs)}
    found = {at: place[ours[at]] for at in wanted if ours[at] and here[ours[at]] == 1 and there[ours[at]] == 1}
    lost = [at for at in wanted if at not in found]
    if lost:
        if not any(sku in there for sku in here if sku):
            message = f"The statuses can't be saved into {name}: no SKU in it is one of these rows'. Is it another file?"
        else:
            message = _sentence([ours[at] for at in lost], here, there, name)
        raise UnmatchedRows(message, lost)
    return found


def _sentence(skus: Sequence[str], here: Counter[str], there: Counter[str], name: str) -> str:
    gone = [sku for sku in skus if sku and sku not in there]
    twice = [sku for sku in dict.fromkeys(skus) if sku in there and (here[sku] > 1 or there[sku] > 1)]
    blank = sum(not sku for sku in skus)
    reasons = []
    if gone:
        reasons.append(f"no row of it has the SKU {_some(gone)}")
    if twice:
        reasons.append(f"more than one row has the SKU {_some(twice)}")
    if blank:
        reasons.append("1 row has no SKU" if blank == 1 else f"{blank} rows have no SKU")
    return (
        f"The statuses of {len(skus)} row{'s' if len(skus) > 1 else ''} can't be saved into {name}: "
        f"{', and '.join(reasons)}. Rows are found by their SKU, so give each row one of its own, as it was when "
        "the file was read; then try again."
    )


def _some(skus: Sequence[str]) -> str:
    more = len(skus) - NAMED
    return ", ".join(skus[:NAMED]) + (f" and {more} more" if more > 0 else "")
