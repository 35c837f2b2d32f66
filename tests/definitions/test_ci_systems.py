"""GitLab CI, CircleCI and Azure Pipelines."""

from __future__ import annotations

from textwrap import dedent

import pytest
from told import found_in, skipped_in

FILES = dict.fromkeys(("Dockerfile", "app/Dockerfile", "app/Other", "web/Dockerfile"), "")


def test_gitlab() -> None:
    text = """
        variables: {DIR: app, FILE: $DIR/Other, LONG: {value: web, description: x}}
        default: {image: docker}
        .base:
          before_script: [cd web]
        one:
          script:
            - docker build -f $FILE "$CI_PROJECT_DIR"
            - - docker build $LONG
        two:
          before_script:
            - cd $DIR
          script: docker build .
        three:
          variables: {DIR: web}
          script:
            - |
              echo
              docker build $DIR
            - >-
              /kaniko/executor
              --context "${CI_PROJECT_DIR}/app" --dockerfile "${CI_PROJECT_DIR}/app/Other"
            - docker build "$CI_COMMIT_SHA"
        """
    files = FILES | {".gitlab-ci.yml": dedent(text)}
    assert found_in(files) == [
        ".gitlab-ci.yml:8 app/Other in .",
        ".gitlab-ci.yml:9 web/Dockerfile in web",
        ".gitlab-ci.yml:13 app/Dockerfile in app",
        ".gitlab-ci.yml:19 web/Dockerfile in web",
        ".gitlab-ci.yml:21 app/Other in app",
    ]
    assert skipped_in(files) == [".gitlab-ci.yml:23 only a run can tell the build context or the Dockerfile"]


def test_circleci() -> None:
    text = """
        commands:
          c:
            parameters: {dir: {type: string}}
            steps: [{run: docker build << parameters.dir >>}]
        jobs:
          a:
            working_directory: ~/repo
            environment: {DIR: app}
            steps:
              - checkout
              - run: docker build $DIR
              - run:
                  working_directory: app
                  command: |
                    true
                    docker build -f Other .
              - when: {condition: x, steps: [{run: docker build web}]}
              - docker/build: {image: x, path: app, dockerfile: Other, docker-context: app}
        workflows:
          w: {jobs: [a, docker/publish: {path: web}, {aws-ecr/build-and-push-image: {dockerfile: app/Other}}]}
        """
    files = FILES | {".circleci/config.yml": dedent(text)}
    assert [line.split(":", 1)[1] for line in found_in(files)] == [
        "12 app/Dockerfile in app", "17 app/Other in app", "18 web/Dockerfile in web", "19 app/Other in app",
        "21 app/Other in .", "21 web/Dockerfile in .",
    ]  # fmt: skip
    assert skipped_in(files) == [".circleci/config.yml:5 only a run can tell the build context"]


def test_azure() -> None:
    text = """
        variables: [{name: dir, value: app}]
        stages:
        - stage: s
          jobs:
          - job: j
            variables: {web: web}
            steps:
            - task: Docker@2
              inputs: {command: buildAndPush, Dockerfile: $(Build.SourcesDirectory)/$(dir)/Other}
            - task: Docker@2
              inputs: {command: build, Dockerfile: app/Other, buildContext: ., target: t}
            - task: Docker@2
              inputs: {command: login}
            - task: Docker@2
              inputs: {command: build, Dockerfile: '**/Other'}
            - task: Docker@1
              inputs: {dockerFile: app/Other, useDefaultContext: false, buildContext: web}
            - script: docker build $(dir)
            - bash: docker build $WEB
            - task: Bash@3
              inputs: {script: docker build ., workingDirectory: app}
            - script: docker build $(System.Nothing)
        """
    files = FILES | {"azure-pipelines.yml": dedent(text)}
    assert [line.split(":", 1)[1] for line in found_in(files)] == [
        "9 app/Other in app", "11 app/Other in . for t", "15 app/Other in app", "17 app/Other in web",
        "19 app/Dockerfile in app", "20 web/Dockerfile in web", "22 app/Dockerfile in app",
    ]  # fmt: skip


ODD = (
    "docker", "- docker", "jobs: docker", "jobs: [docker]", "steps: {docker: x}", "jobs: {a: {steps: docker}}",
    "docker: {script: {a: b}}", "workflows: {a: docker}", "on: {workflow_call: docker}",
)  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_jobs_that_are_no_jobs(text: str) -> None:
    for path in (".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml", ".github/workflows/a.yml"):
        assert found_in(FILES | {path: text}) == []


GITLAB = {
    ".gitlab-ci.yml": """
        include:
          - local: /ci/build.yml
          - local: ci/gone.yml
          - project: other/project
            file: x.yml
          - https://example.com/x.yml
          - ci/more/*.yml
        variables: {DIR: app}
        .build:
          before_script: [cd $DIR]
          script: [docker build .]
        default:
          before_script: [cd web]
        one:
          extends: .build
        two:
          extends: [.build, .file]
        three:
          script:
            - !reference [.steps, script]
        four:
          extends: .matrix
          before_script: []
        five:
          extends: six
        six:
          extends: five
        seven:
          extends: .gone
          before_script: []
          script: docker build app
        """,
    "ci/build.yml": """
        .steps:
          script:
            - docker build .
            - !reference [.steps, script]
        .matrix:
          parallel:
            matrix:
              - DIR: [app, web]
                FILE: Dockerfile
          rules:
            - if: $X
              variables: {DIR: "."}
          script: docker build $DIR
        """,
    "ci/more/a.yml": """
        .file:
          script: docker build -f Other .
        """,
    "ci/unused.gitlab-ci.yml": "a:\n  script: docker build web\n",
}


def test_gitlab_includes_extends_and_references() -> None:
    files = FILES | {name: dedent(text) for name, text in GITLAB.items()}
    assert found_in(files) == [
        ".gitlab-ci.yml:12 app/Dockerfile in app",
        ".gitlab-ci.yml:32 app/Dockerfile in app",
        "ci/build.yml:4 web/Dockerfile in web",
        "ci/build.yml:14 Dockerfile in .",
        "ci/build.yml:14 app/Dockerfile in app",
        "ci/build.yml:14 web/Dockerfile in web",
        "ci/more/a.yml:3 app/Other in app",
        "ci/unused.gitlab-ci.yml:2 web/Dockerfile in web",
    ]
    assert skipped_in(files) == [
        ".gitlab-ci.yml:4 there is no file ci/gone.yml!",
        ".gitlab-ci.yml:25 a cycle of extends!",
        ".gitlab-ci.yml:27 a cycle of extends!",
    ]


def test_gitlab_that_stands_for_more_than_it_says() -> None:
    many = "".join(f".r{n}:\n  script: [{', '.join([f'!reference [.r{n + 1}, script]'] * 9)}]\n" for n in range(9))
    more = "".join(f".e{n}:\n  extends: [{', '.join([f'.e{n + 1}'] * 9)}]\n" for n in range(9))
    matrix = ", ".join(f"v{n}: [1, 2, 3]" for n in range(20))
    text = f"""{many}{more}.r9: {{script: docker build gone}}
a: {{script: [!reference [.r0, script]]}}
b: {{extends: .e0}}
c: {{parallel: {{matrix: [{{{matrix}}}]}}, script: docker build .}}
"""
    assert found_in(FILES | {".gitlab-ci.yml": text}) == [".gitlab-ci.yml:40 Dockerfile in ."]
    assert found_in(FILES | {".gitlab-ci.yml": "include: [.gitlab-ci.yml, a.yml]", "a.yml": "include: a.yml"}) == []


CLOUD_BUILD = """
substitutions: {_DIR: app, _FILE: $_DIR/Other}
steps:
- name: gcr.io/cloud-builders/docker
  args: [build, -t, "x:$SHORT_SHA", -f, $_FILE, .]
- name: gcr.io/kaniko-project/executor:latest
  args: [--context=dir:///workspace/app, --destination=x]
- name: docker
  dir: $_DIR
  args: [build, .]
- name: gcr.io/cloud-builders/docker
  entrypoint: bash
  args:
  - -c
  - |
    cd web
    docker build .
- name: ubuntu
  script: docker build web
- name: gcr.io/cloud-builders/docker
  args: [build, $_NOWHERE]
- name: gcr.io/cloud-builders/docker
  args: [push, x]
"""


def test_cloud_build() -> None:
    files = FILES | {"cloudbuild.yaml": CLOUD_BUILD}
    assert found_in(files) == [
        "cloudbuild.yaml:4 app/Other in .",
        "cloudbuild.yaml:6 app/Dockerfile in app",
        "cloudbuild.yaml:8 app/Dockerfile in app",
        "cloudbuild.yaml:17 web/Dockerfile in web",
        "cloudbuild.yaml:19 web/Dockerfile in web",
    ]
    assert skipped_in(files) == ["cloudbuild.yaml:20 only a run can tell the build context or the Dockerfile"]


JENKINS = r"""
// sh 'docker build gone'
pipeline {
  agent { dockerfile { dir 'app'
                       filename 'Other' } }
  stages {
    stage('a') { steps {
      sh 'docker build -f app/Other .'
      dir('web') {
        sh '''
          docker build \
            --tag x .
        '''
        script { docker.build("x:${env.BUILD_ID}", "--pull ../app") }
      }
      sh(script: "docker build ${params.DIR}", returnStdout: true)
      sh label: 'b', script: "docker build \$WORKSPACE/web"
      dir("${x}") { sh 'docker build .' }
      docker.build('x')
    } }
  }
}
"""


def test_jenkins() -> None:
    files = FILES | {"Jenkinsfile": JENKINS}
    assert found_in(files) == [
        "Jenkinsfile:5 app/Other in app",
        "Jenkinsfile:8 app/Other in .",
        "Jenkinsfile:11 web/Dockerfile in web",
        "Jenkinsfile:14 app/Dockerfile in app",
        "Jenkinsfile:17 web/Dockerfile in web",
    ]
    assert skipped_in(files) == [
        "Jenkinsfile:16 only a run can tell the build context",
        "Jenkinsfile:18 only a run can tell the working directory",
    ]
