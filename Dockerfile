# docker build -t supportaudit .
# docker run --rm --network none -v "$PWD:/data" -u "$(id -u):$(id -g)" supportaudit scan week.csv
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=xlsx
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY checks ./checks
# Compiled here, so that the image starts fast though nothing can be written in it; pip has no work left.
RUN python -m venv /opt/supportaudit \
 && /opt/supportaudit/bin/pip install --no-cache-dir --disable-pip-version-check ".[${EXTRAS}]" \
 && /opt/supportaudit/bin/python -m compileall -q /opt/supportaudit/lib \
 && /opt/supportaudit/bin/pip uninstall --yes --quiet pip \
 && /opt/supportaudit/bin/supportaudit --version

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="supportaudit" \
      org.opencontainers.image.description="Audit support conversations, offline" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/supportaudit /opt/supportaudit
ENV PATH="/opt/supportaudit/bin:$PATH" \
    PYTHONUTF8=1 \
    PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin supportaudit \
 && install --directory --owner=10001 --group=10001 /data
USER 10001:10001
WORKDIR /data
ENTRYPOINT ["supportaudit"]
CMD ["--help"]
