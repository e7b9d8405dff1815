# syntax=docker/dockerfile:1
#
# The service with its embedded database; production needs a secret and nothing else:
#   docker build -t hale .
#   docker run -e JWT_SECRET="$(openssl rand -base64 48)" -v hale:/app/data -p 127.0.0.1:3000:3000 hale

FROM node:24-slim AS build
WORKDIR /app

# The native modules come prebuilt for common platforms; on the others npm compiles them with these.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*

# The manifests alone, before any source: editing the source does not install again.
COPY package.json package-lock.json .npmrc ./
COPY clients/typescript/package.json ./clients/typescript/
RUN --mount=type=cache,target=/root/.npm npm ci

COPY .swcrc ./
COPY migrations ./migrations
COPY scripts ./scripts
COPY src ./src
RUN npm run build
RUN npm prune --omit=dev


FROM node:24-slim
WORKDIR /app

# HOST: the loopback default cannot be reached from outside the container.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATABASE_URL=sqlite:/app/data/hale.sqlite

# The code stays root's: the service can run it but not change it. Its data is all it may write.
COPY package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir data && chown node:node data
VOLUME /app/data

USER node
EXPOSE 3000
STOPSIGNAL SIGTERM

# Alive, not ready: a container that waits for its database must not be replaced for it.
# Node asks, since the slim image has no curl; the port is read where it was set, since PORT may be changed.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# No npm and no shell in between: node is process 1 and gets SIGTERM itself.
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
