"""The only reader of the environment. Settings are frozen after the start; each is `RINGTRACE_<NAME>`."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Network = IPv4Network | IPv6Network


def _networks(text: str) -> tuple[Network, ...]:
    """Comma-separated addresses and networks. Raises ValueError naming the part that is none, or is everybody."""
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            network = ip_network(part)
        except ValueError as error:
            raise ValueError(f"expected addresses or networks like 10.0.0.2 or 172.18.0.0/16: {error}") from error
        if network.prefixlen == 0:
            raise ValueError(f"{part} trusts everybody, so that anybody could forge the address they come from")
        found.append(network)
    return tuple(found)


class Settings(BaseSettings):
    """What an installation may set. Secrets are never printed."""

    model_config = SettingsConfigDict(env_prefix="RINGTRACE_", frozen=True, extra="ignore", populate_by_name=True)

    home: Path = Field(
        Path("var"), description="Folder for the ledger, the embedded store, the SQLite database and keys"
    )
    store: Literal["ladybug", "neo4j"] = Field("ladybug", description="Which graph store to use: ladybug or neo4j")
    database_url: str = Field(
        "", repr=False, description="SQLAlchemy URL of the system database; empty: SQLite in the home folder"
    )
    database_host: str = Field(
        "", description="PostgreSQL host, in place of RINGTRACE_DATABASE_URL: a password with @ / # needs no encoding"
    )
    database_port: int = Field(5432, ge=1, le=65535, description="PostgreSQL port, with RINGTRACE_DATABASE_HOST")
    database_name: str = Field("ringtrace", description="PostgreSQL database, with RINGTRACE_DATABASE_HOST")
    database_user: str = Field("ringtrace", description="PostgreSQL user, with RINGTRACE_DATABASE_HOST")
    database_password: SecretStr = Field(
        SecretStr(""), description="PostgreSQL password as it is, with RINGTRACE_DATABASE_HOST"
    )
    neo4j_uri: str = Field(
        "bolt://127.0.0.1:7687", validation_alias=AliasChoices("RINGTRACE_NEO4J_URI", "NEO4J_URI"),
        description="neo4j://, neo4j+s://, bolt:// or bolt+s:// address",
    )  # fmt: skip
    neo4j_username: str = Field(
        "neo4j",
        validation_alias=AliasChoices("RINGTRACE_NEO4J_USERNAME", "NEO4J_USERNAME"),
        description="Neo4j user",
    )
    neo4j_password: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("RINGTRACE_NEO4J_PASSWORD", "NEO4J_PASSWORD"),
        description="Neo4j password",
    )  # fmt: skip
    neo4j_database: str = Field("neo4j", description="Neo4j database name")
    buffer_pool_mb: int = Field(1024, ge=128, description="Memory the embedded store may use for pages, MiB")
    store_threads: int = Field(2, ge=1, description="Threads of the embedded store per query")
    host: str = Field("127.0.0.1", description="Address the web UI listens on")
    port: int = Field(8000, ge=1, le=65535, description="Port the web UI listens on")
    allowed_hosts: str = Field(
        "", description="Comma-separated host names the web UI answers to beside its own address; others get 400"
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="Session signing key; empty: made once, kept in the home folder"
    )
    outbox_key: SecretStr = Field(
        SecretStr(""),
        description="Key of the delivery signatures, 64 hex digits; empty: made once, kept in the home folder",
    )
    sealing_key: SecretStr = Field(
        SecretStr(""), description="Key of sealed fields, 64 hex digits; empty: made once, kept in the home folder"
    )
    reward_grades: str = Field(
        "third:0:20:20000:200000,second:5000000:30:200000:1000000,first:50000000:40:1000000:10000000",
        description="Rewards of reporters as name:from:permille:least:most in minor units, comma-separated, rising",
    )
    virus_scan: str = Field(
        "",
        description="Command that scans an evidence file, {file} its path: status 0 clean, else refused; empty: none",
    )
    secure_cookies: bool = Field(False, description="Send cookies over HTTPS only (set behind TLS)")
    trusted_proxies: str = Field(
        "",
        description="Comma-separated addresses or networks of proxies whose X-Forwarded-For and -Proto are believed; empty: none",
    )
    timezone: str = Field("Asia/Shanghai", description="Zone of times that carry none, and of times shown to people")
    max_reject_share: float = Field(
        0.01, ge=0, le=1, description="A load stops when more than this share of rows is rejected"
    )
    max_file_gb: float = Field(20, gt=0, description="A larger input file is refused before reading")
    scoring: bool = Field(True, description="Score transfers in flight in this process (POST /api/v1/transfers)")
    scoring_max_age_days: int = Field(30, ge=1, description="A transfer older than this is no longer in flight: 422")
    scoring_seal_s: float = Field(60, gt=0, description="Seconds after which scored transfers become a ledger batch")
    scoring_test_verifier: bool = Field(
        False, description="Allow the verifier that says yes to everything; trials only"
    )
    scoring_waiting: int = Field(
        48, ge=1, description="Requests that may wait for scoring at once; more get 503 with Retry-After"
    )
    scoring_rate: int = Field(
        20_000, ge=1, description="Transfers a second one API key may submit; more get 429 with Retry-After"
    )
    console_seconds: float = Field(10, gt=0, description="Wall-clock limit of one console query")
    explore_seconds: float = Field(
        5, gt=0, description="Time budget of one question of the explorer; then it is stopped"
    )
    console_rows: int = Field(1000, ge=1, description="Row limit of one console query")
    console_mb: float = Field(8, gt=0, le=60, description="Limit of one console answer's values, MiB")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        _networks(text)
        return text

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The trusted proxies as networks."""
        return _networks(self.trusted_proxies)

    @property
    def ledger_dir(self) -> Path:
        """Where batches and the journal are kept."""
        return self.home / "ledger"

    @property
    def store_path(self) -> Path:
        """File of the embedded store."""
        return self.home / "graph" / "ringtrace.lbug"

    @property
    def sql_url(self) -> str:
        """SQLAlchemy URL of the system database, the password in it."""
        if self.database_url:
            return self.database_url
        if not self.database_host:
            return f"sqlite:///{(self.home / 'ringtrace.db').as_posix()}"
        user, password, name = (
            quote(part, safe="")
            for part in (self.database_user, self.database_password.get_secret_value(), self.database_name)
        )
        return f"postgresql://{user}:{password}@{self.database_host}:{self.database_port}/{name}"
