FROM python:3.11-slim
RUN useradd app
COPY requirements.txt /app/
COPY --chown=app config.json /app/
RUN pip install --quiet -r /app/requirements.txt
COPY . /app/
CMD ["python", "/app/server.py"]
