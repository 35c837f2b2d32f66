FROM python:3.11-slim
WORKDIR /app
RUN pip install six==1.16.0
COPY . .
# dockerfile-fix: ignore has to see the sources of the day
RUN pip install -r requirements.txt
