FROM debian:bookworm-slim AS build
RUN mkdir -p /out && date > /out/stamp
COPY src /src

FROM python:3.11-slim
RUN npm install -g typescript@5.0.0
COPY --link requirements.txt /app/
COPY --from=build /out /app/out
RUN cd /app && pip install -r requirements.txt
COPY --link . /app
RUN cd /app && make all
