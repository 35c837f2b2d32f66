FROM python:3.11-slim
RUN useradd --create-home app
WORKDIR /app
COPY --chown=app requirements.txt .
USER app
RUN mkdir -p data/cache/files && pip install --quiet --user -r requirements.txt
COPY --chown=app . .
CMD ["python", "server.py"]
