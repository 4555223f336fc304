-- +goose Up
CREATE TABLE users (
    id            {{.AutoID}},
    name          TEXT NOT NULL,
    -- name_key is the name in small letters: names differ by more than case
    name_key      TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL DEFAULT '',
    role          TEXT NOT NULL CHECK (role IN ('analyst', 'supervisor', 'operator', 'administrator')),
    -- regions are codes with a space between them; empty is all of them
    regions       TEXT NOT NULL DEFAULT '',
    disabled      BIGINT NOT NULL DEFAULT 0,
    -- password_hash is empty for people who log in by OpenID Connect only
    password_hash TEXT NOT NULL,
    must_change   BIGINT NOT NULL DEFAULT 0,
    -- stamp changes with the password; a session that carries an older one is over
    stamp         TEXT NOT NULL,
    -- identity is issuer and subject of OpenID Connect with a space between them
    identity      TEXT UNIQUE,
    -- totp_secret is encrypted with a key that is not in this database
    totp_secret   {{.Blob}},
    -- totp_step is the time step of the last code that was taken: none is taken twice
    totp_step     BIGINT NOT NULL DEFAULT 0,
    totp_since    BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL,
    last_login_at BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL REFERENCES users (id),
    hash    TEXT NOT NULL,
    used_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, hash)
);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id    BIGINT NOT NULL DEFAULT 0,
    data       {{.Blob}} NOT NULL,
    address    TEXT NOT NULL DEFAULT '',
    agent      TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE INDEX sessions_user_id ON sessions (user_id);

CREATE TABLE api_tokens (
    id           {{.AutoID}},
    user_id      BIGINT NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL,
    hash         TEXT NOT NULL UNIQUE,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL DEFAULT 0,
    revoked_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX api_tokens_user_id ON api_tokens (user_id);

CREATE TABLE secrets (
    name  TEXT PRIMARY KEY,
    value {{.Blob}} NOT NULL
);

-- +goose Down
DROP TABLE secrets;
DROP TABLE api_tokens;
DROP TABLE sessions;
DROP TABLE recovery_codes;
DROP TABLE users;
