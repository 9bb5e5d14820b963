"""Uploading photos, and showing them."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from xlkijiji.practice.context import signed_in, the_practice, wait_while_asked
from xlkijiji.practice.pictures import FORMATS, PhotoRefusedError, receive_photo
from xlkijiji.practice.trouble import cut_connection, wait_for_ever
from xlkijiji.practice.words import say

pages = Blueprint("photos", __name__)


@pages.post("/p-upload-image.html")
def upload() -> ResponseReturnValue:
    """Take one photo (multipart `file`); answers its `thumbnailUrl` and `normalUrl`, or `error` with a sentence."""
    session = signed_in()
    if session is None:
        return jsonify(error=say("You are signed out. Sign in, then add the photo again.")), 401
    practice = the_practice()
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge:
        return jsonify(error=say("This photo is too large. Photos must be under 10 MB.")), 413
    if file is None:
        return jsonify(error=say("No photo arrived. Please choose it again.")), 400
    if practice.faults.strikes("upload_401"):
        return jsonify(error=say("The photo could not be saved. Please add it again.")), 401
    if practice.faults.strikes("upload_stuck"):
        wait_for_ever()
        return cut_connection()
    slow = practice.faults.take("upload_slow")
    wait_while_asked(practice.options.upload_seconds if slow is None else float(slow))
    try:
        photo = receive_photo(
            file.read(), name=file.filename or "", account=session.account, folder=practice.store.photos_dir
        )
    except PhotoRefusedError as error:
        return jsonify(error=say(str(error))), 422
    practice.store.add_photo(photo)
    return jsonify(thumbnailUrl=f"/photos/{photo.id}/thumbnail", normalUrl=f"/photos/{photo.id}/normal")


@pages.get("/photos/<photo_id>/<size>")
def show(photo_id: str, size: str) -> ResponseReturnValue:
    """A photo as it arrived (`normal`), or its `thumbnail`."""
    store = the_practice().store
    # Only an id that is in the table becomes part of a path.
    photo = next(iter(store.photos([photo_id])), None)
    if photo is None or size not in ("normal", "thumbnail"):
        abort(404)
    if size == "thumbnail":
        return send_file((store.photos_dir / f"{photo.id}-thumbnail").resolve(), mimetype="image/jpeg", max_age=3600)
    return send_file((store.photos_dir / photo.id).resolve(), mimetype=FORMATS[photo.format], max_age=3600)
