"""The part of Flask-Login in use; the package ships no types."""

from collections.abc import Callable
from typing import Any

from flask import Flask

class LoginManager:
    session_protection: str | None
    login_view: str | None

    def __init__(self, app: Flask | None = None, add_context_processor: bool = ...) -> None: ...
    def init_app(self, app: Flask, add_context_processor: bool = ...) -> None: ...
    def user_loader(self, callback: Callable[[str], object | None]) -> Callable[[str], object | None]: ...

current_user: Any

def login_user(user: object, remember: bool = ..., force: bool = ..., fresh: bool = ...) -> bool: ...
def logout_user() -> bool: ...
