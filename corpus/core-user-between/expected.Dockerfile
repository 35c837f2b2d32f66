FROM python:3.11-slim
RUN useradd --create-home app
WORKDIR /app
COPY requirements.txt .
USER app
RUN pip install --quiet --user -r requirements.txt
COPY . .
CMD ["python", "server.py"]
