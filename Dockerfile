# syntax=docker/dockerfile:1
# One image for API and workers, with models and knowledge inside: `tocsin` is its entry point.

FROM python:3.11-slim-bookworm AS build

# An index of CPU builds of PyTorch; without it, pip's own index is used.
ARG TORCH_INDEX_URL=""

RUN python -m venv /opt/tocsin
ENV PATH=/opt/tocsin/bin:$PATH
WORKDIR /src

# PyTorch first, by itself: it is the biggest layer and seldom changes.
COPY pyproject.toml ./
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install ${TORCH_INDEX_URL:+--no-deps --index-url "$TORCH_INDEX_URL"} \
    "$(grep --only-matching 'torch==[0-9.]*' pyproject.toml)"

COPY README.md LICENSE NOTICE ./
COPY schemas/ schemas/
COPY workers/ workers/
COPY api/ api/
COPY client/ client/
COPY cli/ cli/
RUN --mount=type=cache,target=/root/.cache/pip pip install .


FROM python:3.11-slim-bookworm

RUN useradd --system --create-home --uid 10001 tocsin
COPY --from=build /opt/tocsin /opt/tocsin
ENV PATH=/opt/tocsin/bin:$PATH PYTHONUNBUFFERED=1
USER tocsin
WORKDIR /home/tocsin
EXPOSE 8000
ENTRYPOINT ["tocsin"]
CMD ["serve"]
