"""The form that uploads a list from paper."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired

from casework.web.forms import BaseForm


class UploadForm(BaseForm):
    """One file; what it holds is looked at by the service, not by its name."""

    file = FileField(_l("台账文件"), validators=[FileRequired(_l("请选择要上传的文件。"))])

    def content(self) -> bytes:
        """Return the bytes of a valid form's file."""
        return bytes(self.file.data.read())
