"""The part of Flask-WTF in use; the package ships no types."""

from flask_wtf.csrf import CSRFProtect as CSRFProtect
from markupsafe import Markup
from wtforms import Form
from wtforms.fields.simple import HiddenField
from wtforms.meta import DefaultMeta

class FlaskForm(Form):
    csrf_token: HiddenField

    class Meta(DefaultMeta): ...

    def is_submitted(self) -> bool: ...
    def validate_on_submit(self) -> bool: ...
    def hidden_tag(self, *fields: object) -> Markup: ...
