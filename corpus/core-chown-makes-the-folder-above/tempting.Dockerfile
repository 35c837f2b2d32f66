FROM python:3.11-slim
RUN useradd app
WORKDIR /app
RUN pip install --quiet six==1.16.0
COPY --chown=app src/ /app/src/
CMD ["python", "src/server.py"]
