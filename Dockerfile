# docker build -t supportaudit .
# docker run --rm --network none -v "$PWD:/data" -u "$(id -u):$(id -g)" supportaudit scan week.csv
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=xlsx
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY checks ./checks
# Gone at the end: pip, which has no work left, and the maps of telephone numbers to places, which nobody asks for.
RUN python -m venv /opt/supportaudit \
 && /opt/supportaudit/bin/pip install --no-cache-dir --disable-pip-version-check ".[${EXTRAS}]" \
 && /opt/supportaudit/bin/pip uninstall --yes --quiet pip \
 && rm -r /opt/supportaudit/lib/python*/site-packages/phonenumbers/geodata \
          /opt/supportaudit/lib/python*/site-packages/phonenumbers/carrierdata \
 && /opt/supportaudit/bin/python -c "from phonenumbers import PhoneNumberMatcher" \
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
