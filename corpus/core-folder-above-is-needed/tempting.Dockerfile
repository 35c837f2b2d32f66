FROM python:3.11-slim
RUN cd /app && pip install --quiet six==1.16.0
COPY src/ /app/src/
CMD ["python", "/app/src/server.py"]
