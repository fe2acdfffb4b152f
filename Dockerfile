# syntax=docker/dockerfile:1
# Two stages: the first has what building needs, the second only what running does.

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
WORKDIR /src
# what changes rarely first: the layer with the libraries is built once
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY pipeline ./pipeline
COPY workers ./workers
COPY frontends ./frontends
COPY samples ./samples
COPY config ./config
RUN /venv/bin/pip install -c constraints.txt ".[distributed]" && /venv/bin/python -m compileall -q /venv/lib

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home vigia \
 && mkdir -p /app/config /var/lib/vigia && chown vigia /var/lib/vigia
COPY --from=build /venv /venv
COPY config /app/config
# the configuration that a folder mounted there replaces
ENV VIGIA_CONFIG=/app/config
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    VIGIA_DATABASE_URL=sqlite:////var/lib/vigia/vigia.sqlite
WORKDIR /app
USER vigia
VOLUME /var/lib/vigia
# alone it is the embedded engine; docker-compose.yml has the other commands
CMD ["vigia", "run"]
