# One image; the command chooses the process: issuer, intake, coordinator, worker, or the CLI.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# The SQL files are read where they were written, so they keep their place.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/libs/storage/src/migrate/sql ./libs/storage/src/migrate/sql
COPY --from=build /app/dist ./dist
# New named volumes take over the owner of the folder they are mounted on.
RUN install -d -o node -g node -m 700 /data/bodies /data/models
USER node
CMD ["node", "dist/apps/cli/src/main.js", "--help"]
