# The app image: builds the front end, then runs as a user without rights.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt pyproject.toml ./
RUN pip install --no-cache-dir uv==0.13.9 && uv venv /venv && uv pip install --compile-bytecode --python /venv/bin/python -r requirements.txt
COPY . .
RUN uv pip install --python /venv/bin/python --no-deps . && /venv/bin/python -m webui.build && rm -rf webui/explorer/node_modules \
    && /venv/bin/python -m compileall -q /app

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 ringtrace && mkdir /data && chown ringtrace /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER ringtrace
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app RINGTRACE_HOME=/data RINGTRACE_HOST=0.0.0.0
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["ringtrace", "serve"]
