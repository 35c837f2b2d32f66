FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
COPY ci/lint.txt ci/
RUN pip install -r requirements.txt -r ci/lint.txt
COPY . .
CMD ["python", "src/main.py"]
