FROM python:3.11-slim
RUN useradd --create-home app
COPY --chown=app requirements.txt /app/
RUN pip install --quiet -r /app/requirements.txt
COPY --chown=app . /app
CMD ["python", "/app/server.py"]
