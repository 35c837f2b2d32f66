FROM python:3.11-slim
RUN useradd -m app
COPY requirements.txt /home/app/src/
RUN pip install --quiet -r /home/app/src/requirements.txt
COPY . /home/app/src
