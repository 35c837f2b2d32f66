FROM python:3.11-slim
WORKDIR /usr/src/app
COPY --chown=1000:1000 requirements.txt .
USER 1000
ENV HOME=/tmp
RUN pip install --no-cache-dir -r requirements.txt
COPY --chown=1000:1000 . .
CMD ["python", "main.py"]
