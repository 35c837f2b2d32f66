FROM r-base:4.4.1
WORKDIR /app
RUN R -e "install.packages(c('jsonlite', 'plumber'), repos = 'https://cloud.r-project.org')"
COPY . .
CMD ["Rscript", "main.R"]
