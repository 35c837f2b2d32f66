FROM python:3.11-slim
RUN useradd app
COPY server.py /app/
COPY --chown=app deps/requirements.txt /app/
RUN pip install --quiet -r /app/requirements.txt
COPY --chown=app deps/ /app/
CMD ["python", "/app/server.py"]
