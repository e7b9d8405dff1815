# syntax=docker/dockerfile:1
#
# The service with its embedded database; production needs only a secret:
#   docker build -t hale .
#   docker run -e JWT_SECRET="$(openssl rand -base64 48)" -v hale:/app/data -p 127.0.0.1:3000:3000 hale

FROM node:24-slim AS build
WORKDIR /app

# Native modules are prebuilt for common platforms; on others npm compiles them with these packages.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*

# Only the manifests, before the source: a change of the source does not repeat the installation.
COPY package.json package-lock.json .npmrc ./
COPY clients/typescript/package.json ./clients/typescript/
RUN --mount=type=cache,target=/root/.npm npm ci

COPY .swcrc ./
COPY migrations ./migrations
COPY tools ./tools
COPY src ./src
RUN npm run build
RUN npm prune --omit=dev


FROM node:24-slim
WORKDIR /app

# HOST: the default, loopback, cannot be reached from outside the container.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATABASE_URL=sqlite:/app/data/hale.sqlite

# The code belongs to root: the service can run it but not change it. It may write only its data.
COPY package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# The service shows its guides at /docs.
COPY docs ./docs
RUN mkdir data && chown node:node data
VOLUME /app/data

USER node
EXPOSE 3000
STOPSIGNAL SIGTERM

# Checks `live`, not `ready`: a container that waits for its database must not be replaced.
# Uses Node, because the slim image has no curl, and reads PORT, because it may be changed.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# Without npm or a shell: node is process 1 and gets SIGTERM itself.
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
