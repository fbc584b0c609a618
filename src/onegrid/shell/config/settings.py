"""Django's settings. Importing them needs no database, no data folder and no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from onegrid.shell.config import environment

ENVIRONMENT = environment.read()
PACKAGE = Path(__file__).resolve().parents[2]
PAGES = PACKAGE / "shell" / "pages"

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
# Any host name may reach the pages of a demo; a public server names its own.
ALLOWED_HOSTS = list(ENVIRONMENT.hosts) or ["*"]
CSRF_TRUSTED_ORIGINS = list(ENVIRONMENT.origins)

ONEGRID_DATA = ENVIRONMENT.data
ONEGRID_FILES = ENVIRONMENT.data / "files"
ONEGRID_LOCALITIES = ENVIRONMENT.localities
ONEGRID_DB_ROLE = ENVIRONMENT.database_role
ONEGRID_DEMO = ENVIRONMENT.demo
ONEGRID_LIFE = ENVIRONMENT.life
ONEGRID_PORT = ENVIRONMENT.port
ONEGRID_FEED_URL = ENVIRONMENT.feed_url
ONEGRID_PAGES = PAGES
ONEGRID_MESSAGES = ENVIRONMENT.messages
ONEGRID_BASE_MAP = ENVIRONMENT.base_map
ONEGRID_CIPHER = ENVIRONMENT.cipher
ONEGRID_AUTHORITY = ENVIRONMENT.authority

FIRST_PARTY = [
    "onegrid.foundation.journal",
    "onegrid.foundation.files",
    "onegrid.foundation.messages",
    "onegrid.foundation.accounts",
    "onegrid.county.grids",
    "onegrid.county.organisations",
    "onegrid.county.matters",
    "onegrid.county.workforce",
    "onegrid.county.registers",
    "onegrid.cases",
    "onegrid.programmes.patrols",
    "onegrid.programmes.community",
]
INSTALLED_APPS = [
    *FIRST_PARTY,
    "onegrid.shell",
]

MIDDLEWARE: list[str] = [
    "onegrid.shell.config.middleware.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "onegrid.shell.config.middleware.LocalityMiddleware",
    "onegrid.foundation.accounts.middleware.ActorMiddleware",
]

# Pages lie at the same absolute address for every locality; only their index.html is served under its prefix.
WHITENOISE_ROOT = PAGES if PAGES.is_dir() else None
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/(desk|worker|resident)/assets/.+-[\w-]{8}\.\w+$"
WHITENOISE_AUTOREFRESH = False
STATIC_URL = "/static/"
STATIC_ROOT = PACKAGE / "shell" / "static"

# How a middleware below the shell answers an error: the one shape of all errors.
ONEGRID_ERROR_ANSWER = "onegrid.shell.config.problems.respond"

ROOT_URLCONF = "onegrid.shell.config.urls"
WSGI_APPLICATION = "onegrid.shell.config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "shell" / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.i18n"]},
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "onegrid.foundation.database.backend",
        "HOST": ENVIRONMENT.database.host,
        "PORT": ENVIRONMENT.database.port,
        "NAME": ENVIRONMENT.database.name,
        "USER": ENVIRONMENT.database.user,
        "PASSWORD": ENVIRONMENT.database.password,
        # One connection per thread for its life: no slower than a pool and nothing to size.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": f"onegrid-{ENVIRONMENT.database_role}",
            **({"sslmode": ENVIRONMENT.database.sslmode} if ENVIRONMENT.database.sslmode else {}),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# Cookies are set by the accounts; browsers send them over https only where we serve https.
SESSION_COOKIE_SECURE = ENVIRONMENT.https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.https else None

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]

# Photos arrive up to 20 MB; larger bodies are refused before they fill memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "onegrid.shell.config.uploads.VeiledUploads",
]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    # Whoever asks for the health gets the answer; the log need not repeat it.
    "filters": {"no_health": {"()": "onegrid.shell.config.logs.NotHealth"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_health"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"onegrid": {"level": "INFO"}},
}
