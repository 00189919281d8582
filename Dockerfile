# Relay in one folder, and the Node that runs it: no shell, no package manager, no node_modules.
#
#   docker build --tag relay .
#
# The two base images may be replaced with --build-arg: the first brings Node 24 with npm, the second the C++ runtime.
ARG BUILD_IMAGE=docker.io/library/node:24-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12

# The bundle is the same for every processor, so it is built on the one that builds.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS bundle
ARG VERSION=0.1.0
WORKDIR /source
COPY . .
RUN node scripts/run.mjs build --filter=@relay/server && find apps/server/dist -name '*.map' -delete
RUN built="$(node apps/server/dist/relay.js --version)"; \
    test "$built" = "$VERSION" || { echo "this is Relay $built, and VERSION says $VERSION" >&2; exit 1; }

# The Node of the processor that the image is for.
FROM ${BUILD_IMAGE} AS node
RUN cp "$(command -v node)" /node && mkdir /data

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Relay" \
      org.opencontainers.image.description="The LLM relay whose conversion you can check" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
COPY --from=node /node /usr/local/bin/node
COPY --from=bundle /source/apps/server/dist /app
COPY --from=node --chown=1000:1000 /data /app/data
# A small space for new objects: with some hundred slow streams each takes half the memory.
ENV NODE_OPTIONS=--max-semi-space-size=8
# One heap for all threads: else each keeps some megabytes of its own.
ENV MALLOC_ARENA_MAX=1
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/app/data
USER 1000:1000
VOLUME /app/data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/local/bin/node", "-e", \
  "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "/app/relay.js"]
CMD ["start"]
