FROM continuumio/miniconda3
WORKDIR /app
COPY environment.yml requirements.txt ./
RUN conda env create -f environment.yml
COPY . .
CMD ["conda", "run", "-n", "app", "python", "main.py"]
