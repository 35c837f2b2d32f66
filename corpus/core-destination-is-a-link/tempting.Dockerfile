FROM python:3.11-slim
RUN mkdir /data && ln -s /data /app
RUN echo built > /data/state.txt && pip install --quiet six==1.16.0
COPY . /app
CMD ["python", "/app/server.py"]
