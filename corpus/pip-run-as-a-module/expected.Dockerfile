FROM python:3.11-slim
WORKDIR /app
RUN python -m pip install --upgrade pip==24.0 setuptools wheel
COPY requirements.txt .
RUN python -m pip install -r requirements.txt
COPY . .
CMD ["python", "main.py"]
