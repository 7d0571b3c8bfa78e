FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY rag rag
COPY index index
COPY ui ui
COPY eval eval
# Others are added with --build-arg EXTRAS=mcp,milvus
ARG EXTRAS=mcp
RUN python -m venv /opt/citewise \
    && /opt/citewise/bin/pip install --no-cache-dir -c constraints.txt ".[${EXTRAS}]" \
    && /opt/citewise/bin/python -m compileall -q /opt/citewise/lib
# The model came with the packages above. Reading, checking and running it here proves
# that the image answers with no network; nothing is left to prepare at start.
RUN /opt/citewise/bin/rag doctor

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin citewise \
    && install -d -o citewise -g citewise -m 700 /index
COPY --from=build /opt/citewise /opt/citewise
ENV PATH=/opt/citewise/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    CITEWISE_INDEX=/index \
    CITEWISE_SERVE_HOST=0.0.0.0
USER 10001
WORKDIR /tmp
VOLUME /index
EXPOSE 8000
# Other machines need CITEWISE_SERVE_TOKEN; /health does not.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD \
    ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["rag"]
CMD ["serve"]
