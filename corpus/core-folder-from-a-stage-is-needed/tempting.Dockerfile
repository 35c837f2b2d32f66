FROM python:3.11-slim AS build
WORKDIR /out
COPY server.py .
RUN echo built > built.txt

FROM python:3.11-slim
RUN touch /app/ready && pip install --quiet six==1.16.0
COPY --from=build /out /app/out
CMD ["python", "/app/out/server.py"]
