FROM python:3.11-slim
WORKDIR /srv/app
COPY scripts/deps.sh scripts/
COPY requirements.txt .
RUN bash scripts/deps.sh requirements.txt
COPY . .
CMD ["python", "app.py"]
