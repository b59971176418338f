"""The application object for WSGI servers and the ``flask`` command, with settings from the environment."""

from casework.app import create_app

app = create_app()
