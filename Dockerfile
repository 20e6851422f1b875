# The binary is built in one image and runs in another, as a user without rights.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    cargo build --release --locked -p artel-api --bin artel && cp target/release/artel /usr/local/bin/artel

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/artel --create-home artel
COPY --from=build /usr/local/bin/artel /usr/local/bin/artel
USER 10001
WORKDIR /var/lib/artel
# Without a PostgreSQL the data lie in an SQLite database on this volume.
VOLUME /var/lib/artel
ENV ARTEL_LISTEN=0.0.0.0:8080 \
    ARTEL_DATABASE_URL=sqlite:///var/lib/artel/artel.db \
    ARTEL_LOG_FORMAT=json
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["artel", "health"]
ENTRYPOINT ["artel"]
CMD ["serve"]
