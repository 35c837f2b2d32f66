FROM python:3.11-slim
RUN useradd app
COPY requirements.txt /app/
RUN pip install --quiet -r /app/requirements.txt
COPY --chown=app src/ /app/src/
CMD ["python", "/app/src/server.py"]
