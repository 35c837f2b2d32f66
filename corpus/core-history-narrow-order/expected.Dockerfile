FROM python:3.11-slim
WORKDIR /app
COPY ci/lint.txt ci/
COPY requirements.txt .
RUN pip install -r requirements.txt -r ci/lint.txt
COPY . .
CMD ["python", "src/main.py"]
