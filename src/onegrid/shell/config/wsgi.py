"""The WSGI door: what granian's web workers serve."""

from __future__ import annotations

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onegrid.shell.config.settings")

application = get_wsgi_application()
# Not before the apps are ready. A worker that may not serve ends here, before it accepts a single request.
import_module("onegrid.shell.config.guard").refuse_unfit()
# Views are loaded now, not by the first person who asks.
import_module(settings.ROOT_URLCONF)
connection.close()
# Little of what a request makes is garbage in circles: the collector need not go round after every few of them.
gc.set_threshold(50_000, 20, 100)
import_module("onegrid.shell.warm").begin()
