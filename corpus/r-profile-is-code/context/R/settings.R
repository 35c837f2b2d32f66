options(repos = 'https://cloud.r-project.org')
